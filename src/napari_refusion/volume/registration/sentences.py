"""What the self-test says."""

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume


def too_little(a: Volume, b: Volume) -> Finding:
    """Return the warning that nothing can be tested."""
    sentence = f"Compare outlines: {a.title} and {b.title} overlap too little to test their alignment."
    return Finding("warn", "registration", sentence)


def better(rule: str, a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    """Return the warning that another position fits better, by its NMI and that where a lies."""
    remedy = (
        "check left and right of both against the examination before you fuse them"
        if rule == "laterality"
        else "compare outlines, and register the volumes first if they disagree"
    )
    sentence = f"{a.title} {words} fits {b.title} better (NMI {there:.3f} instead of {here:.3f}): {remedy}."
    return Finding("warn", rule, sentence, f"NMI {there:.3f} > {here:.3f}")


def stored_otherwise(a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    """Return the warning that a has other axes than its file says, by its NMI so and where it lies."""
    sentence = (
        f"Check which way up both lie: {a.title} {words} fits {b.title} better (NMI {there:.3f}, not {here:.3f}). "
        "The header of one of them may name the wrong axes: export or convert it again."
    )
    return Finding("warn", "registration", sentence, f"NMI {there:.3f} > {here:.3f}")


def other_size(a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    """Return the warning that a has other voxel sizes than its file says, by its NMI so and where it lies."""
    sentence = (
        f"Check the voxel sizes of both: {a.title} {words} fits {b.title} better (NMI {there:.3f}, not {here:.3f}). "
        "The header of one of them may state a wrong size or distance of slices: export or convert it again."
    )
    return Finding("warn", "registration", sentence, f"NMI {there:.3f} > {here:.3f}")


def fits(a: Volume, b: Volume, tried: str, here: float) -> Finding:
    """Return that the position of a, in its files or after a registration, is the best of those tried."""
    sentence = f"{a.title} fits {b.title} best where it lies ({tried})."
    return Finding("ok", "registration", sentence, f"NMI {here:.3f}")


def nothing_shared(a: Volume, b: Volume, here: float) -> Finding:
    """Return the warning that two volumes have too little in common for any position to be the right one."""
    sentence = (
        f"Check that {a.title} and {b.title} show the same patient and region: at their position in the files and at "
        f"all others that were tried they have hardly anything in common (NMI {here:.3f}), so their alignment cannot "
        "be tested."
    )
    return Finding("warn", "registration", sentence, f"NMI {here:.3f}")


def same_position(a: Volume, b: Volume, elsewhere: str, here: float) -> Finding:
    """Return that the headers put both into one position on one scanner, and where the images alone would put a."""
    sentence = (
        f"{a.title} and {b.title} were acquired in the same scanner position (from the header: one study and frame of "
        f"reference)."
    )
    if elsewhere:
        sentence += (
            f" By its grey values {a.title} would fit better {elsewhere}: the patient may have moved in between."
        )
    return Finding("ok", "registration", sentence, f"NMI {here:.3f}")


def moved_in_between(a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    """Return the warning that another position fits far better than the one that the headers give both."""
    sentence = (
        f"Compare outlines, and register the volumes first if they disagree: {a.title} {words} fits {b.title} better "
        f"(NMI {there:.3f}, not {here:.3f}) than in the one scanner position that the headers give both. The patient "
        "may have moved in between, or a position in one header is wrong."
    )
    return Finding("warn", "registration", sentence, f"NMI {there:.3f} > {here:.3f}")


def sides_unconfirmed(a: Volume, b: Volume, mirrored: float, upright: float) -> Finding:
    """Return the warning that left and right cannot be told, by the NMI of a mirrored and as it is."""
    sentence = (
        f"Check left and right of both against the examination: {a.title} fits {b.title} almost as well mirrored, so "
        f"this test cannot confirm left and right."
    )
    return Finding("warn", "left and right", sentence, f"NMI {mirrored:.3f} and {upright:.3f}")
