# Makes Windows services of the parts by NSSM, or one scheduled task of everything.
#
#   .\deploy\windows\install-services.ps1                        one task: printers up, at startup
#   .\deploy\windows\install-services.ps1 -Nssm C:\nssm\nssm.exe collector, processor, notifier, dashboard
#
# Run it in an elevated PowerShell, in the folder of the checkout. Settings are read from .env in that folder.
param(
    [string] $Nssm = "",
    [string] $Root = (Resolve-Path "$PSScriptRoot\..\..").Path,
    [string[]] $Services = @()
)
$ErrorActionPreference = "Stop"
$python = Join-Path $Root ".venv\Scripts\python.exe"
$printers = Join-Path $Root ".venv\Scripts\printers.exe"
if (-not (Test-Path $python)) {
    throw "There is no environment in $Root\.venv: run 'py scripts\run.py check' once."
}

# Data and settings hold addresses, hashes of passwords and secrets: for administrators and the services alone.
# The groups are named by their SIDs, which are the same in every language of Windows.
$administrators, $system, $localService = "*S-1-5-32-544", "*S-1-5-18", "*S-1-5-19"
$settingsFile = Join-Path $Root ".env"
$data = "data"
if (Test-Path $settingsFile) {
    $line = Select-String -Path $settingsFile -Pattern '^\s*DATA_DIR\s*=\s*(\S.*?)\s*$' | Select-Object -Last 1
    if ($line) { $data = $line.Matches[0].Groups[1].Value.Trim('"', "'") }
}
if (-not [IO.Path]::IsPathRooted($data)) { $data = Join-Path $Root $data }
New-Item -ItemType Directory -Force -Path $data, (Join-Path $data "logs") | Out-Null

function Protect-Path([string] $Path, [string] $Inherited, [string] $ServiceRight) {
    # Files that are there already lose what they were given before, too.
    icacls $Path /reset /T /Q | Out-Null
    icacls $Path /inheritance:r /Q /grant:r "${administrators}:${Inherited}F" "${system}:${Inherited}F" `
        "${localService}:${Inherited}${ServiceRight}" | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "The access list of $Path could not be set by icacls." }
}
Protect-Path $data "(OI)(CI)" "M"
if (Test-Path $settingsFile) { Protect-Path $settingsFile "" "R" }

if ($Services.Count -eq 0) {
    $action = New-ScheduledTaskAction -Execute $printers -Argument "up --plain" -WorkingDirectory $Root
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
        -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew -StartWhenAvailable
    $user = New-ScheduledTaskPrincipal -UserId "NT AUTHORITY\LOCAL SERVICE" -LogonType ServiceAccount
    Register-ScheduledTask -TaskName "Printer System" -Action $action -Trigger $trigger -Settings $settings `
        -Principal $user -Force | Out-Null
    Start-ScheduledTask -TaskName "Printer System"
    Write-Output "The task 'Printer System' runs; its log is $data\logs\printers.log."
    exit 0
}

if ($Nssm -eq "") { throw "Name the program by -Nssm C:\path\to\nssm.exe." }
foreach ($service in $Services) {
    $name = "printers-$service"
    & $Nssm install $name $python "-P -m $service"
    & $Nssm set $name AppDirectory $Root
    & $Nssm set $name DisplayName "Printer System, $service"
    & $Nssm set $name ObjectName "NT AUTHORITY\LocalService"
    & $Nssm set $name AppExit Default Restart
    & $Nssm set $name AppRestartDelay 5000
    & $Nssm set $name AppStopMethodConsole 15000
    & $Nssm set $name AppStderr (Join-Path $data "logs\$service.log")
    & $Nssm set $name AppRotateFiles 1
    & $Nssm set $name AppRotateBytes 5000000
    & $Nssm start $name
}
