"""From raw body recordings of several people to valence, arousal and dominance."""

from physio_vad.evaluation import (
    Evaluation,
    ModelComparison,
    check_leakage,
    compare_models,
    evaluate,
    nested_search,
)
from physio_vad.features.catalogue import feature_catalogue
from physio_vad.features.detectors import find_beats, find_blinks, find_breaths, find_scrs
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.quality import drop_poor_rows, row_quality
from physio_vad.features.windows import make_windows
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
from physio_vad.recording.ratings import VAD, Ratings
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.regressors import (
    ChainEnsemble,
    CrossFittedChain,
    JointRegressor,
    KernelRegressor,
    MaskedScorer,
    MultiOutput,
    SharedNetwork,
    Stack,
    make_estimator,
    masked_r2,
    search_space,
)
from physio_vad.report import plot_recording, write_report
from physio_vad.study.propose import propose_recipe
from physio_vad.study.recipe import Recipe, load_recipe
from physio_vad.synthetic import simulate_recordings

__version__ = "0.2.0"


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
    "JointRegressor",
    "KernelRegressor",
    "MaskedScorer",
    "Modality",
    "Model",
    "ModelComparison",
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
    "compare_models",
    "deploy",
    "drop_poor_rows",
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
    "make_estimator",
    "make_windows",
    "masked_r2",
    "nested_search",
    "plot_recording",
    "propose_recipe",
    "read_recordings",
    "register_modality",
    "row_quality",
    "save_model",
    "search_space",
    "simulate_recordings",
    "write_eleven_column",
    "write_report",
]
