# Descent Lab. Every target runs on a machine with git, make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo lab test lessons site mutants bench messages

help:
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## make .venv and install the course with all that a teacher needs

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[teach,dev,cluster,postgres]'
	touch $(STAMP)

demo: setup  ## take a made-up class of 24 through a lesson, from the release to the report
	$(BIN)/autograder demo --course build/demo

lab: setup  ## open your own copies of the lessons, in work/, in JupyterLab
	$(BIN)/autograder lab

test: setup  ## lint and format, then every test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n auto

lessons: setup  ## build both notebooks of each lesson from its source
	$(BIN)/autograder build

site: setup  ## run the solutions and write them as a book of web pages, build/site (minutes)
	$(BIN)/autograder site --to build/site

mutants: setup  ## put every wrong version of every exercise through the judge (minutes)
	$(BIN)/python -m tests.mutants

bench: setup  ## measure training, checking, grading, lessons, widgets, as ratios in one run (minutes)
	$(BIN)/python -m tests.bench

messages: setup  ## collect every sentence that a learner reads, for translators
	$(BIN)/pybabel --quiet extract --omit-header --sort-by-file --add-location=file \
		--no-default-keywords --keywords="_ N_ ngettext:1,2" \
		--output-file=descentlab/locale/descentlab.pot autograder descentlab
