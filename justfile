# What one types most; `just --list` shows it all.

# the package, editable, with the test tools
install:
    pip install -c constraints.txt -e ".[test,docs]"

# the fast tests; `just test -m slow` for the long ones
test *arguments:
    pytest {{ arguments }}

# lint, format, types and layers, as CI does
lint:
    ruff check .
    ruff format --check .
    pyright
    lint-imports

# put right what can be put right by itself
fix:
    ruff check --fix .
    ruff format .

# the documentation, into docs/_build
docs:
    sphinx-build -W --keep-going -b html docs docs/_build/html

# everything, in a fresh environment
ci:
    .ci/run
