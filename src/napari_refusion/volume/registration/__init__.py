"""Whether and how two volumes of one patient fit: the self-test, and rigid registration on request."""
