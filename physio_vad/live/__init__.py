"""A saved model behind sensors: samples in as they come, predictions out of known quality."""

from physio_vad.live.as_live import live_features
from physio_vad.live.prediction import Prediction
from physio_vad.live.recorder import Recorder
from physio_vad.live.sources import Replay
from physio_vad.live.stream import Stream

__all__ = ["Prediction", "Recorder", "Replay", "Stream", "live_features"]
