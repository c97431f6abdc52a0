"""What a kernel shows and a stored page does not: sliders, and widgets."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # dead without its kernel
# Set this variable where notebooks are run to be stored or compared.
STILL = "AUTOGRAD_COURSE_STILL"
