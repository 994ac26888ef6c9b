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

if ($Services.Count -eq 0) {
    $action = New-ScheduledTaskAction -Execute $printers -Argument "up --plain" -WorkingDirectory $Root
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
        -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew -StartWhenAvailable
    $user = New-ScheduledTaskPrincipal -UserId "NT AUTHORITY\LOCAL SERVICE" -LogonType ServiceAccount
    Register-ScheduledTask -TaskName "Printer System" -Action $action -Trigger $trigger -Settings $settings `
        -Principal $user -Force | Out-Null
    icacls (Join-Path $Root "data") /grant "LOCAL SERVICE:(OI)(CI)M" | Out-Null
    Start-ScheduledTask -TaskName "Printer System"
    Write-Output "The task 'Printer System' runs; its log is data\logs\printers.log."
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
    & $Nssm set $name AppStderr (Join-Path $Root "data\logs\$service.log")
    & $Nssm set $name AppRotateFiles 1
    & $Nssm set $name AppRotateBytes 5000000
    & $Nssm start $name
}
