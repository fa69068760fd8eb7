# make demo and make test do all the set-up on a fresh machine with Python 3.11 or newer.

PYTHON ?= python3

# .venv belongs to the Python that it was made with; any other one gets an environment of its own, .venv-3.12 and so on
version_of = $(shell $(1) -c "import sys; print('%d.%d' % sys.version_info[:2])" 2> /dev/null)
VERSION := $(call version_of,$(PYTHON))
VENV := $(if $(filter-out $(VERSION),$(call version_of,.venv/bin/python)),.venv-$(VERSION),.venv)
READY := $(VENV)/ready-$(VERSION)
BIN := $(VENV)/bin

# what napari needs of Debian and Ubuntu to open a window on a virtual screen
DISPLAY_PACKAGES := xvfb xauth libgl1 libgl1-mesa-dri libegl1 libopengl0 libxkbcommon-x11-0 libxcb-cursor0 \
	libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 \
	libxcb-xfixes0 libdbus-1-3 libfontconfig1 libglib2.0-0

.PHONY: help demo test lint docs benchmark train-debug gpu-pack onnx bundle screen clean

help:
	@echo "make demo         fuse the bundled MRI/PET pair and open it in napari"
	@echo "make test         run the tests; make test PYTHON=python3.13 runs them on another Python, beside the first"
	@echo "make lint         ruff and mypy"
	@echo "make docs         build the documentation: site/index.html"
	@echo "make benchmark    measure slices, volumes, memory, a cohort, a meta step (docs/benchmarks.md) and the viewer"
	@echo "make train-debug  a complete tiny training run on the sample volumes"
	@echo "make gpu-pack     data (DATA=FOLDER) and program for a bare GPU machine, in runs/gpu-pack"
	@echo "make onnx         the networks of all four tasks as ONNX files, checked in ONNX Runtime, in runs/onnx"
	@echo "make bundle       the medical weights as a MONAI Bundle, in runs/refusion_medical"

demo: $(READY) screen
	$(BIN)/napari-refusion demo

# each worker has a virtual screen and up to 1.5 GB of its own; one that is done takes from another what that has not begun
test: $(READY) screen
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "The documentation: site/index.html. Its search needs a server: $(BIN)/python -m http.server --directory site"

benchmark: $(READY) screen
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.review
	$(BIN)/python -m benchmarks.heartbeat

train-debug: $(READY)
	rm -rf runs/debug runs/debug-images
	$(BIN)/python -m training.cut sample_data/mri_pet/sub-phantom_pet.nii.gz \
		sample_data/mri_pet/sub-phantom_T1w.nii.gz runs/debug-images
	$(BIN)/python -m training.train training/recipes/debug.toml --data runs/debug-images --output runs/debug

gpu-pack: $(READY)
	@if [ -z "$(DATA)" ]; then echo "Say where the training data are: make gpu-pack DATA=FOLDER"; exit 1; fi
	$(BIN)/python -m training.pack --data "$(DATA)" --output runs/gpu-pack

onnx: $(READY)
	$(BIN)/python -m training.export.to_onnx --output runs/onnx

bundle: $(READY)
	$(BIN)/python -m training.export.to_bundle --output runs/refusion_medical

# torch comes first: once it is there, no other package pulls a larger build of it; pip would compile with one process,
# and some packages carry files for other versions of Python, which cannot be; some fifty tests start Python anew, where
# PYTHONDONTWRITEBYTECODE is set each would compile the program itself
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		'Python 3.11 or newer is needed, this is ' + sys.version.split()[0] + '; choose another with make PYTHON=...')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable . --group dev
	@$(BIN)/python -m compileall -qq --workers 0 $(VENV)/lib src training || true
	@touch $@

# a virtual screen, where there is no display and the system is Debian or Ubuntu
screen:
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || ! command -v dpkg > /dev/null; then exit 0; fi; \
	missing=""; \
	for package in $(DISPLAY_PACKAGES); do \
		dpkg -s $$package > /dev/null 2>&1 || dpkg -s $${package}t64 > /dev/null 2>&1 || missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2> /dev/null; then sudo="sudo"; else \
		echo "There is no display, and a virtual one needs packages. Install them, then run make again:"; \
		echo "  sudo apt-get install --no-install-recommends$$missing"; exit 1; fi; \
	echo "Installing for a virtual screen:$$missing"; \
	$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing > /dev/null

clean:
	rm -rf .venv .venv-* build dist demo site .pytest_cache .mypy_cache .ruff_cache
