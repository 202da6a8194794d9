"""The catalog that is read quickly is the one that an audit uses."""

from policies.catalogs.catalog import SHIPPED
from policies.catalogs.file import load_catalog
from policies.catalogs.quick import quick_catalog
from policies.vocabulary import Vocabulary


def test_it_says_the_same_as_the_whole_catalog():
    words = Vocabulary.load()
    quick = quick_catalog("aws")
    assert quick.names == tuple(c.id for c in words.capabilities)
    assert quick.phi == words.reaching_phi
    assert quick.access == load_catalog(SHIPPED / "aws.yaml", words).access
    assert tuple(quick.listed(words.reaching_phi)) == words.names(words.reaching_phi)
