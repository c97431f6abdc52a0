"""Kernels for JupyterLab that are forks of a warm process, as in the other tests."""

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from helpers.authoring.kernels import OurPythonAsync


class WarmKernelManager(OurPythonAsync, ServerKernelManager):
    """Start a learner's kernel without waiting for PyTorch each time."""
