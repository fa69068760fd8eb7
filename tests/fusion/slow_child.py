"""Stands for a child process that is still at work when the program ends."""

import time

time.sleep(20)
