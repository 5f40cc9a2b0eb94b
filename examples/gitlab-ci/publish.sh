#!/bin/sh
# Builds and publishes, with nothing but what GitLab puts into a job's environment.
set -eu

python -m build --no-isolation
TWINE_USERNAME=gitlab-ci-token TWINE_PASSWORD=$CI_JOB_TOKEN python -m twine upload \
    --repository-url "$CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/pypi" dist/*
