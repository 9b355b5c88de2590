"""What the page's terms mean: on hover where they stand, and in a list at the page's end.

A term is marked where it first stands in a text, as ``<abbr>`` with its meaning, which needs no
script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

GLOSSARY: Mapping[str, str] = {
    "strength": "How strongly a penalty acts, each in its own unit; weight decay or lambda "
    "elsewhere.",
    "path": "The runs in which one penalty's strength moves and everything else is held.",
    "overfitting": "Weaker regularization fits the training rows better and new rows worse.",
    "underfitting": "Stronger regularization fits training rows and new rows worse.",
    "good strengths": "Those that lose no more than the tolerance, between overfitting and "
    "underfitting.",
    "tolerance": "The most that a good strength may lose: 5 % of the possible gain, unless the "
    "study says otherwise.",
    "possible gain": "From the loss of a constant prediction down to the lowest loss of the path.",
    "constant prediction": "The one output that does best for all rows; whoever learns beats it.",
    "resamples": "The same training with other rows: fresh draws, random divisions or folds.",
    "finalists": "The best few settings of a penalty in the search, which are trained again on "
    "resamples that were not searched, since the best of many is often lucky.",
    "select": "The phase that trains the finalists; the path goes through the one that does best.",
    "paired": "Both sides of a difference had the same rows and seeds, so that their luck cancels.",
    "95 % intervals": "Made so that 95 of 100 such experiments hold the true value in theirs.",
    "middle 80 %": "What is left without the lowest and the highest tenth.",
    "early stopping": "Ending the training where validation was best; chosen on the rows that "
    "judge it, so its validation loss is a little optimistic.",
    "1-SE rule": "Take the strongest setting within one standard error of the lowest mean; R's "
    "glmnet calls it lambda.1se, and the lowest mean lambda.min.",
    "pruning": "Trials that do badly half-way are stopped to save time.",
    "rank correlation": "1 where the order half-way is the order at the end, 0 where it says "
    "nothing.",
    "PED-ANOVA": "A measure of how much an axis decides about the loss.",
    "Gaussian process": "A family of smooth curves, weighted by how well they agree with the "
    "trials.",
    "tau": "Over how many epochs, or runs, decay forgets what the weights were.",
    "norm": "The length of all weights taken as one vector.",
}
"""Terms and their meanings."""
COMMON = frozenset({"strength", "path", "select", "overfitting", "underfitting", "norm"})
"""Terms on every line, which are not marked there."""
_MARKED = re.compile(
    "|".join(rf"(?<![\w-]){re.escape(term)}(?![\w-])" for term in GLOSSARY if term not in COMMON)
)


def glossed(text: str) -> Markup:
    """The text, escaped, with the meaning of each term where it first stands."""
    parts, end, seen = [], 0, set()
    for found in _MARKED.finditer(text):
        term = found[0]
        if term in seen:
            continue
        seen.add(term)
        meaning = escape(GLOSSARY[term])
        parts += [
            escape(text[end : found.start()]),
            Markup(f'<abbr title="{meaning}">{term}</abbr>'),
        ]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
