"""What a model looks at: importance, SHAP values, the signals it was given."""

from physio_vad.explain.explanation import Explanation, explain, signal_quality
from physio_vad.explain.importance import (
    ablation,
    ablation_table,
    by_family,
    by_modality,
    group_importance,
    rmse_increase,
)
from physio_vad.explain.shap import mean_shap_values, shap_importance

__all__ = [
    "Explanation",
    "ablation",
    "ablation_table",
    "by_family",
    "by_modality",
    "explain",
    "group_importance",
    "mean_shap_values",
    "rmse_increase",
    "shap_importance",
    "signal_quality",
]
