"""A client of the API that shares no code with the package: the signing steps of the vendor's document, in order.

Standard library only. Arguments: the emulator's URL. The key pair comes in the environment. It goes through the whole
life of an instance and a backup, and prints what it saw as JSON.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

BASE_URL = sys.argv[1] + "/redis"
ACCESS_KEY = os.environ["CDS_SECRET_ID"]
SECRET_KEY = os.environ["CDS_SECRET_KEY"]

# The environment's proxies are of no use to reach this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def quote2(string, safe="/", encoding=None, errors=None):
    """Step 1.2: percent-encoding, with the document's replacements."""
    quoted = urllib.parse.quote(string, safe, encoding, errors)
    return quoted.replace("+", "%20").replace("*", "%2A").replace("%7E", "~")


def signed_url(action, method, params):
    """Steps 1 and 2: sort, encode, join, sign; the final query is form-encoded, as in the document."""
    now = datetime.datetime.now(datetime.timezone.utc)
    everything = {
        "Action": action,
        "AccessKeyId": ACCESS_KEY,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": str(uuid.uuid1()),
        "SignatureVersion": "1.0",
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Version": "2019-08-08",
    }
    everything.update(params)
    in_order = sorted(everything.items(), key=lambda pair: pair[0])
    canonical = urllib.parse.urlencode(in_order, quote_via=quote2)
    string_to_sign = method + "&%2F&" + quote2(canonical)
    digest = hmac.new(SECRET_KEY.encode(), string_to_sign.encode(), hashlib.sha1).digest()
    everything["Signature"] = base64.b64encode(digest).decode()
    return BASE_URL + "/?" + urllib.parse.urlencode(everything)


def call(action, method="GET", params=None, body=None):
    """One request. Answers the HTTP status and the JSON."""
    params = params or {}
    url = signed_url(action, method, params)
    if params:
        # The document's example hands `params` to `requests` as well, which sends them a second time.
        url += "&" + urllib.parse.urlencode(params)
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with OPENER.open(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def wait_for(statuses_of, wanted):
    """Asks again until every status is the wanted one. No sleep: the emulator's clock goes on with each request."""
    seen = []
    for _ in range(100):
        statuses = statuses_of()
        seen.append(statuses)
        if all(status == wanted for status in statuses):
            return seen
    raise SystemExit("never " + wanted + ": " + repr(seen))


def life_cycle():
    seen = {}
    _, regions = call("DescribeRegins")
    seen["regions"] = len(regions["Data"])
    region_id = next(r["RegionId"] for r in regions["Data"] if r["CityName"] == "香港")

    _, config = call("DescribeAvailableDBConfig", params={"RegionId": region_id})
    cluster = next(
        architecture
        for product in config["Data"]["Products"]
        for architecture in product["Architectures"]
        if architecture["ArchitectureName"] == "集群"
    )
    standard = cluster["ComputeRoles"][0]["Standards"]["CpuRam"][0]

    name = "缓存 a+b*c~d/e%20'(1)!"
    order = {
        "RegionId": region_id,
        "VdcId": "vdc",
        "BasePipeId": "pipe",
        "InstanceName": name,
        "PaasGoodsId": str(standard["PaasGoodsId"]),
        "Password": os.environ["REDIS_PASSWORD"],
    }
    status, created = call("CreateDBInstance", "POST", body=order)
    seen["created"] = [status, created["Code"], created["Message"]]
    instance = {"InstanceUuid": created["Data"]["InstancesUuid"][0]}

    def instances():
        return call("DescribeDBInstances", params={"InstanceName": name})[1]["Data"]

    seen["delivery"] = wait_for(lambda: [i["Status"] for i in instances()], "RUNNING")
    found = instances()[0]
    seen["instance"] = [found["InstanceName"], found["Ram"], found["Version"], found["SubProductName"]]

    status, made = call("CreateBackup", "POST", body={**instance, "Desc": "测试Redis备份"})
    seen["backup"] = [status, made["Data"], made["Message"]]

    def backups():
        return call("DescribeBackups", params=instance)[1]["Data"]

    wait_for(lambda: [b["Status"] for b in backups()], "finished")
    entries = backups()
    seen["entries"] = [[b["Desc"], b["BackupSize"], b["BackupMode"]] for b in entries]

    for entry in entries:
        one = {**instance, "BackupId": entry["BackupId"]}
        _, download = call("DownloadBackup", params=one)
        with OPENER.open(download["Data"]["BackupDownloadUrl"]) as response:
            content = response.read()
        seen["file"] = [content[:9].decode(), len(content)]
        seen["deleted backup"] = call("DeleteBackup", "POST", body=one)[0]
    wait_for(lambda: ["gone"] if backups() == [] else ["there"], "gone")

    seen["deleted"] = call("DeleteDBInstance", "POST", body=instance)[0]
    wait_for(lambda: ["gone"] if instances() == [] else ["there"], "gone")
    seen["after"] = call("DeleteDBInstance", "POST", body=instance)
    return seen


print(json.dumps(life_cycle()))
