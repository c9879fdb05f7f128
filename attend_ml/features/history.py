"""How often this level came before: shares over several windows, shrunk to a recent common prior."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from attend_ml.asof import Situations, outcomes
from attend_ml.features.base import Extractor
from attend_ml.records import LEVELS


class PartyHistory(Extractor):
    """Shrunk shares of each level at earlier meetings, and earlier contacts of the two sides.

    A share is ``(came + strength * prior) / (known + strength)``, the posterior mean of a binomial share under a
    Beta prior; priors form a chain that ends at one half. Only meetings that were held and over by the moment count.

    See Also
    --------
    EventSignals : What the parties did to each other outside meetings.

    Examples
    --------
    >>> from attend_ml.load import load_dataset
    >>> rows = Situations(load_dataset(), ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    >>> history = PartyHistory().fit(rows)
    >>> bool(history.shares(rows)["party"][0, 0] < 0.9)
    True
    """

    name = "history"

    def _columns(self) -> list[str]:
        names = []
        for level in LEVELS:
            names += [f"share_{spec['name']}_{level}" for spec in self.book_["shares"]]
            names += [f"others_share_{name}_{level}" for name in self.book_["others"]]
        effects = self.book_["effects"].get("of", [])
        names += [f"effect_{spec['name']}_{level}" for spec in effects for level in LEVELS]
        contacts = ["contacts", "contacts_leaders", "contacts_senior", "contact_ago"]
        return [*names, *(contacts if self.book_["contacts"] else [])]

    def shares(self, X: Situations) -> dict[str, np.ndarray]:
        """Return the shrunk shares.

        Returns
        -------
        dict of str to ndarray of shape (len(X), 3)
            By name of the share in the codebook, for leader, senior and working; between 0 and 1.
        """
        out = {"half": np.full((len(X), len(LEVELS)), 0.5)}
        for spec in self.book_["shares"]:
            came, known = X.past(spec["by"], spec.get("days"))
            prior = out[spec["prior"]]
            strength = spec["strength"] * self.book_["shrinkage"]
            out[spec["name"]] = (came + strength * prior) / (known + strength)
        del out["half"]
        return out

    def _extract(self, X: Situations) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        shares = self.shares(X)
        than = {spec["name"]: spec["than"] for spec in self.book_["shares"] if "than" in spec}
        for k, level in enumerate(LEVELS):
            for name, share in shares.items():
                usual = logit(shares[than[name]][:, k]) if name in than else 0.0
                out[f"share_{name}_{level}"] = logit(share[:, k]) - usual
        if self.book_["others"]:
            self._others(X, shares, out)
        if self.book_["effects"]:
            self._effects(X, out)
        if self.book_["contacts"]:
            self._contacts(X, out)
        return out

    def _effects(self, X: Situations, out: dict[str, np.ndarray]) -> None:
        """Tell how much more often the party came than is usual at such meetings, in units of its usual spread.

        A score test's step towards a random effect in log-odds: surprises over their variance, shrunk to none.
        """
        book = self.book_["effects"]
        kept = json.dumps([self.book_["shares"], self.book_["shrinkage"], book["usual"]], sort_keys=True)
        for spec in book["of"]:
            sums = X.past_sums(spec["by"], spec.get("days"), kept, lambda: self._surprises(X.eves()))
            effect = sums[:, : len(LEVELS)] / (sums[:, len(LEVELS) :] + book["strength"])
            for k, level in enumerate(LEVELS):
                out[f"effect_{spec['name']}_{level}"] = effect[:, k]

    def _surprises(self, X: Situations) -> np.ndarray:
        """Return what came less what is usual, and the variance of the usual, shape (len(X), 6); 0 where unknown."""
        shares = self.shares(X)
        usual = expit(np.mean([logit(shares[name]) for name in self.book_["effects"]["usual"]], axis=0))
        came = outcomes(X)[list(LEVELS)].to_numpy(dtype=float)
        known = ~np.isnan(came)
        return np.hstack([np.where(known, came - usual, 0.0), np.where(known, usual * (1 - usual), 0.0)])

    def _others(self, X: Situations, shares: dict[str, np.ndarray], out: dict[str, np.ndarray]) -> None:
        # Where everybody meets everybody, pairs are many: each party is looked up once a meeting and moment, and the
        # mean over the others is what is left of the sum over all.
        everyone, group, of = X.whole_meetings()
        theirs = self.shares(everyone)
        seats = pd.MultiIndex.from_arrays([group, everyone.party])
        invited = pd.MultiIndex.from_arrays([of, X.party]).isin(seats)
        n_others = np.maximum(np.bincount(group, minlength=len(X))[of] - invited, 1)
        for k, level in enumerate(LEVELS):
            for name in self.book_["others"]:
                total = np.bincount(group, weights=logit(theirs[name][:, k]), minlength=len(X))[of]
                out[f"others_share_{name}_{level}"] = (total - invited * logit(shares[name][:, k])) / n_others

    def _contacts(self, X: Situations, out: dict[str, np.ndarray]) -> None:
        count, since_last = X.contacts(self.book_["contacts"]["days"])
        out["contacts"], out["contacts_leaders"], out["contacts_senior"] = np.log1p(count).T
        out["contact_ago"] = np.where(np.isnan(since_last), 8.0, np.log1p(np.nan_to_num(since_last)))
