"""What we remember: the only folder that knows SQLAlchemy."""

from store.kept import PageCount, Snapshot, SourceCounts, StoredRevision, StoredRun, StoredSetAside

__all__ = [
    "PageCount",
    "Snapshot",
    "SourceCounts",
    "StoredRevision",
    "StoredRun",
    "StoredSetAside",
]
