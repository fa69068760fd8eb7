"""Keep MONAI from reporting what is of no use here."""

import logging
import warnings


def quiet_monai() -> None:
    """Silence two reports that no reader of images can do anything about, and that a window would show over its notice.

    For every reader MONAI says that a decoder for DICOM on the GPU is missing: DICOM is not read through MONAI here,
    and the other formats do not need it. While it is imported it calls what PyTorch will not have one day.
    """
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader", category=UserWarning)
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.", category=DeprecationWarning)
