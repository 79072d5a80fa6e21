"""Reports on crowds: one HTML file for people who run a labelling project."""

from skcrowd.reporting._report import CrowdReport, report

__all__ = ["CrowdReport", "report"]
