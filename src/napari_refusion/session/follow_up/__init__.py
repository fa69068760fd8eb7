"""A baseline and a follow-up of one patient: their lists of lesions, and what became of each lesion."""
