"""A saved model behind sensors: samples in as they come, predictions out of known quality."""

from physio_vad.live.stream import Prediction, Stream

__all__ = ["Prediction", "Stream"]
