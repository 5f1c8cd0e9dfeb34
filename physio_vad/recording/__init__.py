"""The data model: what one person's recording holds, how it is rated, in which units."""

from physio_vad.recording.ratings import VAD, Ratings
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import Conversion

__all__ = ["VAD", "Conversion", "Events", "Ratings", "Recording", "Signal"]
