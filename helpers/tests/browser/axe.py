"""What axe-core finds wrong on a page, beside what is not ours."""

# Not ours: the colours of code, prompts, keys and links, and the pictures of
# JupyterLab, which take no alternative; the sentence below a picture stands in.
FOREIGN = (".highlight", ".cm-editor", ".prompt", "kbd")
FOREIGN += (".jp-RenderedImage img",)
OPTIONS = {
    "rules": {"link-in-text-block": {"enabled": False}},
    # Half of the time it would write down what is right.
    "resultTypes": ["violations"],
}


def violations(page, part: str) -> list[str]:
    """Return what axe-core finds wrong in a part of a page, and where."""
    from axe_playwright_python.sync_playwright import Axe

    context = {"include": [part], "exclude": list(FOREIGN)}
    found = Axe().run(page, context=context, options=OPTIONS).response["violations"]
    return [
        f"{each['id']} ({each['help']}): {node['html'][:300]}"
        for each in found
        for node in each["nodes"]
    ]
