"""Tests of the room that finds where a gradient was lost."""
