# 联办 Lianban. Needs Python >= 3.11 with venv and pip; everything else is fetched into .venv, web/node_modules and build/.
# Package indexes are whatever pip and npm are configured to use.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
PHASE := .ci/phase
NODE := .ci/with-node
WORKERS ?= 2
SEED ?= 0
# What the tests' processes import is compiled once for all of them; sets keep their order from run to run (SEED=random: they do not).
TESTING = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/build/bytecode PYTHONHASHSEED=$(SEED)
WEB_SOURCES = $(shell find web -path '*/node_modules' -prune -o -path web/dist -prune -o -path web/tests -prune -o -type f -print 2>/dev/null)

.PHONY: help
help: ## 显示本说明 show this text
	@echo "联办 Lianban"; echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-18s %s\n' "$$name" "$$text"; done
	@echo; echo "  $(BIN)/lianban --help 命令行 the command line (after make install)"

# --- making things --------------------------------------------------------------------------------------

$(STAMPS)/python: requirements-dev.lock pyproject.toml
	@mkdir -p $(STAMPS)
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更高版本 · Python 3.11 or newer is needed" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "无法建立虚拟环境（Debian/Ubuntu：apt-get install python3-venv）· python3-venv is missing" >&2; exit 1; }
	@$(PHASE) "Python 依赖 packages" $(BIN)/python -m pip install --disable-pip-version-check --no-compile -r requirements-dev.lock
	@$(PHASE) "安装 lianban" $(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/node: web/package-lock.json | $(STAMPS)/python
	@$(PHASE) "网页依赖 web packages" $(NODE) npm --prefix web ci --no-audit --no-fund
	@touch $@

$(STAMPS)/web: $(STAMPS)/node $(WEB_SOURCES)
	@$(PHASE) "构建网页与内核 pages and kernel" $(NODE) npm --prefix web run build
	@test -s forms/bundle/kernel.js && test -s web/dist/portal.html
	@touch $@

$(STAMPS)/oidc: tests/oidc_provider/package-lock.json | $(STAMPS)/python
	@$(PHASE) "测试用身份认证系统 identity provider of the tests" $(NODE) npm --prefix tests/oidc_provider ci --no-audit --no-fund
	@touch $@

$(STAMPS)/browser:
	@mkdir -p $(STAMPS)
	@$(PHASE) "浏览器、中文字体与查毒程序 browser, fonts and scanner" .ci/browser
	@touch $@

.PHONY: install web build
install: $(STAMPS)/python ## 建立 .venv 并安装 make .venv and install into it
web: $(STAMPS)/web ## 构建网页和表达式内核 build pages and kernel, if sources changed
build: install web ## 以上全部 all of the above

# --- running --------------------------------------------------------------------------------------------

.PHONY: demo serve
demo: build ## 演示：RESET=1 清空重来 demo (RESET=1 starts over, PORT=… another port)
	@exec $(BIN)/lianban demo $(if $(RESET),--reset) $(if $(PORT),--port $(PORT))

serve: build ## 按 LIANBAN_* 设置运行 run by the LIANBAN_* settings
	@exec $(BIN)/lianban serve

.PHONY: api
api: install $(STAMPS)/node ## 由接口生成 openapi.json 和网页类型 write openapi.json and the pages' types from the API
	@$(BIN)/python -m api.openapi > build/openapi.json && mv build/openapi.json web/src/api/openapi.json
	@$(PHASE) "接口类型 types of the API" $(NODE) npm --prefix web run api

# --- checking -------------------------------------------------------------------------------------------

.PHONY: test test-python test-web lint lint-python lint-web fmt
test: test-python test-web ## 全部测试 all tests

test-python: build $(STAMPS)/browser $(STAMPS)/oidc ## pytest（T=路径 选择 T=path selects）
	@$(TESTING) $(NODE) $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(T)

test-web: $(STAMPS)/node ## 网页单元测试 web unit tests
	@$(NODE) npm --prefix web test

lint: lint-python lint-web ## 风格、类型、分层 style, types, import contracts

lint-python: install
	@$(PHASE) "ruff check" $(BIN)/ruff check .
	@$(PHASE) "ruff format" $(BIN)/ruff format --check .
	@$(PHASE) "mypy" $(BIN)/mypy
	@$(PHASE) "import-linter" $(BIN)/lint-imports --no-cache

lint-web: $(STAMPS)/node
	@$(PHASE) "tsc, eslint" $(NODE) npm --prefix web run lint
	@$(PHASE) "接口类型 types of the API are current" $(NODE) npm --prefix web run api:check

$(STAMPS)/audit: requirements-audit.lock | $(STAMPS)/python
	@test -x build/audit/bin/python || $(PYTHON) -m venv build/audit
	@$(PHASE) "检查工具 tools that look for weaknesses" build/audit/bin/python -m pip install --disable-pip-version-check --no-compile -r requirements-audit.lock
	@touch $@

.PHONY: secrets audit sbom
secrets: $(STAMPS)/audit ## 没有密钥进入代码库（SEEN=1 看过后更新清单）no secret in git (SEEN=1: write down what was looked at)
	@$(PHASE) "密钥 secrets" .ci/secrets $(if $(SEEN),--update)

audit: $(STAMPS)/audit ## 依赖的已知漏洞（AUDIT=required 必须查到）known weaknesses of what is installed
	@build/audit/bin/python .ci/advisories

sbom: $(STAMPS)/audit $(STAMPS)/node ## 物料清单 build/sbom/*.cdx.json, CycloneDX
	@mkdir -p build/sbom
	@$(PHASE) "Python 物料 components" build/audit/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --of JSON -o build/sbom/python.cdx.json
	@$(NODE) npm --prefix web sbom --sbom-format cyclonedx --package-lock-only --omit dev > build/sbom/web.cdx.json
	@ls build/sbom

fmt: install ## 整理格式 format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

# --- keeping --------------------------------------------------------------------------------------------

.PHONY: lock lock-audit clean distclean
NAMES = $(PYTHON) -c "import sys, tomllib; p = tomllib.load(open('pyproject.toml', 'rb')); \
	print('\n'.join(p['build-system']['requires'] + p['project']['dependencies'] \
	+ sum((p['project']['optional-dependencies'][g] for g in sys.argv[1:]), [])))"
FREEZE = build/lock/bin/python -m pip freeze --all --exclude pip
HEAD = '\# Written by `make lock` from pyproject.toml. Do not edit.'

lock: ## 重写锁定文件 write requirements*.lock anew from pyproject.toml
	@rm -rf build/lock && mkdir -p build && $(PYTHON) -m venv build/lock
	@$(NAMES) > build/lock/runtime.in
	@$(NAMES) test lint > build/lock/dev.in
	@$(PHASE) "运行依赖 runtime" build/lock/bin/python -m pip install -r build/lock/runtime.in
	@{ echo $(HEAD); $(FREEZE); } > build/lock/runtime.lock
	@$(PHASE) "开发依赖 development" build/lock/bin/python -m pip install -r build/lock/dev.in
	@{ echo $(HEAD); $(FREEZE); } > build/lock/dev.lock
	@mv build/lock/runtime.lock requirements.lock && mv build/lock/dev.lock requirements-dev.lock && rm -rf build/lock

lock-audit: ## 重写 requirements-audit.lock write requirements-audit.lock anew
	@rm -rf build/lock && mkdir -p build && $(PYTHON) -m venv build/lock
	@$(PHASE) "检查工具 audit tools" build/lock/bin/python -m pip install pip-audit==2.10.1 detect-secrets==1.5.0 cyclonedx-bom==7.5.0
	@{ echo '\# Tools that look for secrets and known weaknesses, in an environment of their own (build/audit). Written by `make lock-audit`. Do not edit.'; \
		$(FREEZE); } > build/lock/audit.lock
	@mv build/lock/audit.lock requirements-audit.lock && rm -rf build/lock

clean: ## 删除构建结果 delete what was built (data stays)
	rm -rf build web/dist forms/bundle .mypy_cache .ruff_cache .pytest_cache .import_linter_cache htmlcov .coverage screenshots
	find . -name __pycache__ -not -path './.venv/*' -not -path './web/node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## 连同 .venv 和 node_modules also .venv and node_modules
	rm -rf $(VENV) web/node_modules web/tools/node_modules lianban.egg-info
