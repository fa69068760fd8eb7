"""Keep MONAI from reporting what is of no use here."""

import logging
import warnings


def quiet_monai() -> None:
    """Silence MONAI's report, made for every reader, that a decoder for DICOM on the GPU is missing.

    DICOM is not read through MONAI here, and the other formats do not need the decoder.
    """
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader", category=UserWarning)
