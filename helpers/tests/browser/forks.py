"""Kernels for JupyterLab that are forks of a warm process, as in the other tests."""

from itertools import count

from jupyter_client.provisioning import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from helpers.authoring.kernels import OurPythonAsync

NUMBERS = count()


class WarmKernelManager(OurPythonAsync, ServerKernelManager):
    """Start a learner's kernel without waiting for PyTorch each time.

    The kernels of the first notebook are new processes, as README's are.
    """

    def __init__(self, **traits):
        super().__init__(**traits)
        if not next(NUMBERS):
            self.provisioner = LocalProvisioner(
                kernel_spec=self.kernel_spec, parent=self
            )
