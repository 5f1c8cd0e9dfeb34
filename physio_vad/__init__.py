"""From raw body recordings of several people to valence, arousal and dominance."""

from physio_vad.catalogue import feature_catalogue
from physio_vad.evaluation import Evaluation, check_leakage, evaluate
from physio_vad.events import find_beats, find_blinks, find_breaths, find_scrs
from physio_vad.features import FeatureExtractor, extract_features
from physio_vad.io import (
    E4Reader,
    ElevenColumnReader,
    TableReader,
    iter_recordings,
    read_recordings,
    write_eleven_column,
)
from physio_vad.modalities import Feature, Modality, register_modality
from physio_vad.persistence import Model, load_model, save_model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.preprocessing import SubjectScaler
from physio_vad.ratings import VAD, Ratings
from physio_vad.recipes import Recipe, load_recipe
from physio_vad.recording import Events, Recording, Signal
from physio_vad.regressors import ChainEnsemble, CrossFittedChain, MultiOutput, SharedNetwork, Stack
from physio_vad.synthetic import simulate_recordings
from physio_vad.windows import make_windows

__version__ = "0.1.0"

__all__ = [
    "VAD",
    "ChainEnsemble",
    "CrossFittedChain",
    "E4Reader",
    "ElevenColumnReader",
    "Evaluation",
    "Events",
    "Feature",
    "FeatureExtractor",
    "Modality",
    "Model",
    "MultiOutput",
    "Ratings",
    "Recipe",
    "Recording",
    "SharedNetwork",
    "Signal",
    "Stack",
    "SubjectScaler",
    "TableReader",
    "build_pipeline",
    "check_leakage",
    "deploy",
    "evaluate",
    "extract_features",
    "feature_catalogue",
    "find_beats",
    "find_blinks",
    "find_breaths",
    "find_scrs",
    "iter_recordings",
    "load_model",
    "load_recipe",
    "make_windows",
    "read_recordings",
    "register_modality",
    "save_model",
    "simulate_recordings",
    "write_eleven_column",
]
