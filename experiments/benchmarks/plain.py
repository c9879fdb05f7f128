"""The plain way to the same columns: the pandas tables are filtered anew for every delegation.

Written as one would without :mod:`attend_ml.asof`, and not made slow: tables are joined once beforehand, signals are
cut to the longest window before anything else is asked of them, and statements come already read.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.special import logit

from attend_ml._resources import codebook
from attend_ml.dataset import Dataset
from attend_ml.records import LEVELS

DAY = pd.Timedelta(days=1)


class Plain:
    """One delegation after the other.

    Parameters
    ----------
    data : Dataset
    stances : ndarray of shape (n_statements, n_stances)
        What every statement was read as.
    bearing : ndarray of shape (n_statements,)
        How much each bears on somebody's coming.
    """

    def __init__(self, data: Dataset, stances: np.ndarray, bearing: np.ndarray):
        self.books = {name: codebook(name) for name in ("context", "history", "signals", "statements")}
        self.meetings = data.meetings.set_index("meeting_id")
        self.statements, self.stances, self.bearing = data.statements, stances, bearing
        families = {code: self._family(code) for code in data.signals.cameo.unique()}
        self.signals = data.signals.assign(family=data.signals.cameo.map(families))
        past = data.delegations.merge(data.meetings, on="meeting_id", how="left")
        past["over"] = past.date.dt.normalize() + DAY
        past["host"] = past.country == past.party
        past["few"] = past.groupby("meeting_id").party.transform("size") <= 3
        past["came"] = past[list(LEVELS)].fillna(0).sum(axis=1) > 0
        joined = (past["mode"] == "virtual").groupby(past.meeting_id).transform("any")
        past["by_video"] = joined & ~past.came.groupby(past.meeting_id).transform("any")
        self.past = past

    def row(self, meeting_id: str, party: str, as_of: np.datetime64) -> dict[str, float]:
        """Return the columns of one delegation by name, as all four extractors name them."""
        at = pd.Timestamp(as_of)
        meeting = self.meetings.loc[meeting_id]
        invited = self.past.party[self.past.meeting_id == meeting_id].tolist()
        others = [other for other in invited if other != party]
        parts = {
            "context": self._context(meeting, party, invited, at),
            "history": self._history(meeting, party, others, len(invited), at),
            "signals": self._signals(party, others, at),
            "statements": self._statements(meeting_id, party, meeting, at),
        }
        return {f"{name}__{column}": value for name, part in parts.items() for column, value in part.items()}

    def _context(self, meeting: pd.Series, party: str, invited: list[str], at: pd.Timestamp) -> dict[str, float]:
        book = self.books["context"]
        horizon = (meeting.date.normalize() - at.normalize()) / DAY
        known = pd.notna(meeting.announced_on) and meeting.announced_on <= at
        ago = (at.normalize() - meeting.announced_on.normalize()) / DAY if known else 0.0
        out = {f"convened_{level}": meeting.convened_level == level for level in book["levels"]}
        out |= {f"format_{form}": meeting.format == form for form in book["formats"]}
        words = rf"\b(?:{'|'.join(book['video'])})\b"
        return out | {
            "host": meeting.country == party,
            "host_invited": meeting.country in invited,
            "proposer": meeting.proposer == party,
            "mediator": isinstance(meeting.mediators, str) and party in meeting.mediators.split(";"),
            "organisation": party in codebook("parties")["organisations"],
            "in_series": pd.notna(meeting.series),
            "video": re.search(words, meeting["name"], re.IGNORECASE) is not None,
            "parties": np.log(len(invited)),
            "horizon": np.log1p(horizon),
            "announced": known,
            "announced_ago": np.log1p(ago),
            "lead": np.log1p(ago + horizon) if known else 0.0,
        }

    def _history(
        self, meeting: pd.Series, party: str, others: list[str], n_parties: int, at: pd.Timestamp
    ) -> dict[str, float]:
        held = self.past[(self.past.over <= at) & (self.past.status == "held") & ~self.past.by_video]
        own = self._shares(held, meeting, party, n_parties, at)
        theirs = [self._shares(held, meeting, other, n_parties, at) for other in others]
        out: dict[str, float] = {}
        for k, level in enumerate(LEVELS):
            out |= {f"share_{name}_{level}": logit(share[k]) for name, share in own.items()}
            for name in self.books["history"]["others"]:
                values = [logit(shares[name][k]) for shares in theirs]
                out[f"others_share_{name}_{level}"] = np.mean(values) if values else 0.0
        return out | self._contacts(held, party, others, at)

    def _shares(
        self, held: pd.DataFrame, meeting: pd.Series, party: str, n_parties: int, at: pd.Timestamp
    ) -> dict[str, np.ndarray]:
        mine = {"party": party, "host": meeting.country == party, "few": n_parties <= 3}
        out = {"half": np.full(3, 0.5)}
        for spec in self.books["history"]["shares"]:
            alike = pd.Series(True, index=held.index)
            for name in spec["by"]:
                alike &= held[name] == (mine[name] if name in mine else meeting[name])
            if "days" in spec:
                alike &= held.over >= at - spec["days"] * DAY
            labels = held.loc[alike, list(LEVELS)]
            came, known = labels.sum().to_numpy(), labels.notna().sum().to_numpy()
            out[spec["name"]] = (came + spec["strength"] * out[spec["prior"]]) / (known + spec["strength"])
        del out["half"]
        return out

    def _contacts(self, held: pd.DataFrame, party: str, others: list[str], at: pd.Timestamp) -> dict[str, float]:
        came = held[held.came]
        pairs = came[came.party == party].merge(came[came.party.isin(others)], on="meeting_id", suffixes=("", "_other"))
        lately = pairs[pairs.over >= at - self.books["history"]["contacts"]["days"] * DAY]
        leaders = (lately.leader == 1) & (lately.leader_other == 1)
        senior = (lately.leader == 1) | (lately.senior == 1)
        senior &= (lately.leader_other == 1) | (lately.senior_other == 1)
        n = max(len(others), 1)
        return {
            "contacts": np.log1p(len(lately) / n),
            "contacts_leaders": np.log1p(leaders.sum() / n),
            "contacts_senior": np.log1p((senior & ~leaders).sum() / n),
            "contact_ago": np.log1p((at - pairs.over.max()) / DAY) if len(pairs) else 8.0,
        }

    def _family(self, cameo: str) -> str | None:
        fits = [(len(p), name) for name, prefixes in self.books["signals"]["families"].items() for p in prefixes]
        fits = [(n, name) for n, name in fits if cameo[:n] in self.books["signals"]["families"][name]]
        return max(fits)[1] if fits else None

    def _signals(self, party: str, others: list[str], at: pd.Timestamp) -> dict[str, float]:
        book = self.books["signals"]
        windows = book["windows"]
        middle = sorted(windows)[len(windows) // 2]
        time = self.signals.known_from
        recent = self.signals[(time <= at) & (time >= at - max(windows) * DAY)]
        done = recent[(recent.source_party == party) & recent.target_party.isin(others)]
        received = recent[recent.source_party.isin(others) & (recent.target_party == party)]
        out: dict[str, float] = {}
        for direction, rows in (("done", done), ("received", received)):
            reports, level = rows["count"].fillna(1.0), rows.source_level.fillna("unknown")
            for days in windows:
                inside = rows.known_from >= at - days * DAY
                for actor in (*LEVELS, "unknown"):
                    out[f"{direction}_by_{actor}_{days}d"] = np.log1p(reports[inside & (level == actor)].sum())
            inside = rows.known_from >= at - middle * DAY
            for family in book["families"]:
                out[f"{direction}_{family}"] = np.log1p(reports[inside & (rows.family == family)].sum())
        return out

    def _statements(self, meeting_id: str, party: str, meeting: pd.Series, at: pd.Timestamp) -> dict[str, float]:
        book = self.books["statements"]
        table = self.statements
        seen = ((table.meeting_id == meeting_id) & (table.known_from <= at)).to_numpy()
        said, stances, bearing = table[seen], self.stances[seen], self.bearing[seen]
        age = ((at.normalize() - said.date.dt.normalize()) / DAY).to_numpy()
        roles = said.speaker_role.fillna("unknown")
        weight = roles.map(book["role_weight"]).to_numpy(dtype=float)
        about, by = (said.about_party == party).to_numpy(), (said.speaker_party == party).to_numpy()
        weight = np.where(about & ~by, book["weight_of_others"], 1.0) * weight
        out: dict[str, float] = {}
        for whose, mask in (("own", about & by), ("about", about & ~by), ("any", about), ("others", ~about)):
            stance, w = stances[mask], weight[mask]
            total = (stance * (0.5 ** (age[mask] / book["half_life"]) * w)[:, None]).sum(axis=0)
            total = np.sign(total) * np.log1p(np.abs(total))
            last = np.zeros(len(book["stances"]))
            if mask.any():
                effective = age[mask] + 3.0 * (1 - bearing[mask])
                recency = np.exp(-(effective - effective.min()) / book["latest"]) * w
                last = (stance * recency[:, None]).sum(axis=0) / max(recency.sum(), 1e-9)
            for k, name in enumerate(book["stances"]):
                out[f"{whose}_last_{name}"], out[f"{whose}_sum_{name}"] = last[k], total[k]
            if whose != "any":
                out[f"{whose}_count"] = np.log1p(mask.sum())
        own = about & by
        named = sum(out[f"own_sum_{name}"] for name in ("leader_yes", "leader_no", "senior_yes", "working_yes"))
        horizon = (meeting.date.normalize() - at.normalize()) / DAY
        out["own_age"] = np.log1p(age[own].min()) if own.any() else 4.0
        out["own_silent"] = not own.any()
        out["silent_when_due"] = np.exp(-3 * named) / (1 + horizon)
        out["own_leader_spoke"] = bool((own & (roles == "leader").to_numpy()).any())
        return out
