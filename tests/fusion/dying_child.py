"""Stands for a child process that is ended in the middle of its work."""

import os
import signal

os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
