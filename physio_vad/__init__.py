"""From raw body recordings of several people to valence, arousal and dominance."""

from physio_vad.features import FeatureExtractor, extract_features
from physio_vad.modalities import Feature, Modality, register_modality
from physio_vad.ratings import VAD, Ratings
from physio_vad.recording import Events, Recording, Signal
from physio_vad.windows import make_windows

__version__ = "0.1.0"

__all__ = [
    "VAD",
    "Events",
    "Feature",
    "FeatureExtractor",
    "Modality",
    "Ratings",
    "Recording",
    "Signal",
    "extract_features",
    "make_windows",
    "register_modality",
]
