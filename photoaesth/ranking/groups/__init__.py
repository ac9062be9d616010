"""Groups of photos: exposure brackets, panoramas, bursts and near-duplicates.

Grouping is pure: it is given what is known of the photos and asks for pixels or embeddings
through callables. After an index run the caller

1. takes all photos of the cameras and days that the run touched, and all photos of the groups
   that these are in, out of their groups;
2. gives those with a capture time to `series`, and keeps the groups it returns;
3. gives those that are still in no group to `near_duplicates`, and puts each copy into the group
   of the photo that it copies, or both into a new one.

So every photo is in at most one group, and running it again on the same photos changes nothing.
"""

from photoaesth.ranking.groups.duplicates import Hashes, near_duplicates
from photoaesth.ranking.groups.frame import Frame, Group, Look
from photoaesth.ranking.groups.series import series

__all__ = ["Frame", "Group", "Hashes", "Look", "near_duplicates", "series"]
