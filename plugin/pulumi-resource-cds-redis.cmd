@echo off
where node >nul 2>nul
if errorlevel 1 (
  echo pulumi-resource-cds-redis needs Node.js 22 or newer on PATH, and there is none. 1>&2
  exit /b 1
)
node "%~dp0plugin.js" %*
