from .evaluation import (
    Evaluation,
    ModelComparison,
    check_leakage,
    compare_models,
    evaluate,
    nested_search,
)
from .feature_table import FeatureTable
from .features.catalogue import feature_catalogue
from .features.detectors import find_beats, find_blinks, find_breaths, find_scrs
from .features.extractor import FeatureExtractor, extract_features
from .features.quality import drop_poor_rows, row_quality
from .features.windows import make_windows
from .io import (
    E4Reader,
    ElevenColumnReader,
    TableReader,
    iter_recordings,
    read_recordings,
    write_eleven_column,
)
from .modalities import Feature, Modality, register_modality
from .persistence import Model, load_model, save_model
from .pipeline import build_pipeline, deploy
from .preprocessing import SubjectScaler
from .recording.ratings import VAD, Ratings
from .recording.recording import Events, Recording, Signal
from .regressors import (
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
from .report import plot_recording, write_report
from .study.propose import propose_recipe
from .study.recipe import Recipe, load_recipe
from .synthetic import simulate_recordings

__version__: str

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
    "FeatureTable",
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
