"""Pictures in pages of code: functions of the package return figures that pyplot does not know."""

from weakref import WeakSet

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

SEEN = WeakSet()
"""Figures that were shown; kept here, since Sphinx pickles what the settings hold."""


def named_figures(block, block_vars, gallery_conf):
    """Save each figure that a block has named; comes before pyplot's, which closes its own."""
    from matplotlib import pyplot

    SEEN.update(pyplot.figure(number) for number in pyplot.get_fignums())
    files, titles = [], []
    for thing in list(block_vars["example_globals"].values()):
        if isinstance(thing, Figure) and thing not in SEEN:
            SEEN.add(thing)
            path = next(block_vars["image_path_iterator"])
            thing.savefig(path, dpi=100, bbox_inches="tight")
            files.append(path)
            titles += [thing.get_suptitle()] + [axes.get_title() for axes in thing.axes]
    alt = ", ".join(dict.fromkeys(title for title in titles if title))
    return figure_rst(files, gallery_conf["src_dir"], alt or "picture of the result")


def fresh_page(gallery_conf, fname):
    """Give each page a start without figures, with room for the words around them."""
    from matplotlib import pyplot

    pyplot.close("all")
    pyplot.rcParams["savefig.bbox"] = "tight"
