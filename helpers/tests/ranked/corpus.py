"""Where the answers of this folder are collected."""

from helpers.tests.corpus import Corpus

CORPUS = Corpus()
right, wrong, guess = CORPUS.right, CORPUS.wrong, CORPUS.guess
