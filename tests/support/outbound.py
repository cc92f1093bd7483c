"""What the resolver of a test knows: names, and each time another answer where there are several."""

Names = dict[str, list[list[str]]]
