"""FreeSurfer's MGH."""
