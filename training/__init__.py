"""The training program of ReFusion: the meta-learning cycle, its data, recipes and loop. Not part of the wheel."""

import sys

from training.stopped import in_a_sentence

if sys.argv[0] == "-m":  # so it is called while ``python -m training...`` looks for its module (docs of sys.argv)
    sys.excepthook = in_a_sentence  # its imports take seconds, in which it has no main() yet
