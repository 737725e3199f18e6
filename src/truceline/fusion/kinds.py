# SPDX-License-Identifier: Apache-2.0
"""What a source's word says of the kind of event: a transparent confusion model.

The truth is taken to be one of the words of the vocabulary; a wide word as the truth
means that nothing narrower is known or fits.  Attacks and fires share a world, because a
fire is often what is seen of an explosion; every other kind is a world of its own, so
that a lull, an alert or a casualty never joins an attack.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.fusion.settings import FusionSettings
from truceline.observation.table import KINDS
from truceline.vocabulary import WIDER, Kind, falls_under, is_attack, lineage

Floats = NDArray[np.float64]


def is_explosive(kind: Kind) -> bool:
    """Tell whether the kind goes with an explosion."""
    return is_attack(kind) and kind is not Kind.ATTACK_UNSPECIFIED and not falls_under(kind, Kind.GUNFIRE)


def word_weight(word: Kind, truth: Kind, settings: FusionSettings) -> float:
    """Return how readily a source says ``word`` where the truth is ``truth``; 0: never."""
    if lineage(word)[-1] is not lineage(truth)[-1]:
        fire = falls_under(word, Kind.FIRE) and is_explosive(truth)
        return settings.word_fire if fire else 0.0
    undetermined = (word is Kind.EXPLOSION_UNDETERMINED and is_explosive(truth)) or (
        word is Kind.GUNFIRE_UNDETERMINED and falls_under(truth, Kind.GUNFIRE)
    )
    # The first that holds, from the closest relation to the farthest.
    relations = (
        (word is truth, settings.word_exact),
        (undetermined, settings.word_undetermined),
        (falls_under(truth, word), settings.word_wider),
        (falls_under(word, truth), settings.word_narrower),
        (WIDER.get(word) is WIDER.get(truth), settings.word_sibling),
    )
    return next((weight for holds, weight in relations if holds), settings.word_other)


def confusion(settings: FusionSettings) -> Floats:
    """Return the weights as a matrix, words down, truths across, each in the order of ``KINDS``."""
    return np.array([[word_weight(word, truth, settings) for truth in KINDS] for word in KINDS])


def prior() -> Floats:
    """Return how probable each kind is before any word: all alike, over ``KINDS``."""
    return np.full(len(KINDS), 1.0 / len(KINDS))
