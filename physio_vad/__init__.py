"""From raw body recordings of several people to valence, arousal and dominance.

Names are imported when they are used, so that ``import physio_vad`` costs next to nothing; the list
of them, with their homes, is ``__init__.pyi``.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
