"""How well annotators agree: coefficients for labels, ratings and missing answers."""

from skcrowd.metrics.agreement._coefficients import (
    fleiss_kappa,
    gwet_ac1,
    percent_agreement,
    scott_pi,
)
from skcrowd.metrics.agreement._interval import AgreementInterval
from skcrowd.metrics.agreement._intraclass import intraclass_correlation
from skcrowd.metrics.agreement._kappa_matrix import cohen_kappa_matrix
from skcrowd.metrics.agreement._krippendorff import krippendorff_alpha
from skcrowd.metrics.agreement._span_agreement import span_agreement

__all__ = [
    "AgreementInterval",
    "cohen_kappa_matrix",
    "fleiss_kappa",
    "gwet_ac1",
    "intraclass_correlation",
    "krippendorff_alpha",
    "percent_agreement",
    "scott_pi",
    "span_agreement",
]
