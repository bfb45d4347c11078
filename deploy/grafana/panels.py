"""How Grafana wants a dashboard: panels, variables and their places, as plain dictionaries."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24  # of Grafana's grid
SCHEMA_VERSION = 39  # Grafana 11


def query(expr, legend="", **more):
    return {"datasource": DATASOURCE, "expr": expr, "legendFormat": legend or "__auto", "range": True, **more}


def panel(kind, title, description, queries, unit, options, width, height, custom=None, repeat=None, **defaults):
    made = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": [{"refId": chr(ord("A") + i), **each} for i, each in enumerate(queries)],
        "fieldConfig": {"defaults": {"unit": unit, "custom": custom or {}, **defaults}, "overrides": []},
        "options": options,
        "gridPos": {"w": width, "h": height, "x": 0, "y": 0},
    }
    if repeat:
        made |= {"repeat": repeat, "repeatDirection": "h", "maxPerRow": 3}
    return made


def lines(title, description, *queries, unit="short", width=12, height=8, stacked=False, log=False, limit=None):
    """Lines over time; `limit` is drawn as a dashed line where too much begins."""
    custom = {
        "lineWidth": 1,
        "fillOpacity": 30 if stacked else 5,
        "showPoints": "never",
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "scaleDistribution": {"type": "log", "log": 10} if log else {"type": "linear"},
        "thresholdsStyle": {"mode": "off" if limit is None else "dashed"},
    }
    options = {
        "legend": {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel("timeseries", title, description, queries, unit, options, width, height, custom=custom,
                 color={"mode": "palette-classic"}, thresholds=thresholds(limit), **({} if log else {"min": 0}))


def heatmap(title, description, expr, unit="s", repeat=None, width=12, height=9):
    options = {
        "calculate": False,
        "cellGap": 1,
        "cellValues": {"unit": "reqps"},
        "color": {"mode": "scheme", "scheme": "Turbo", "exponent": 0.5, "fill": "dark-orange", "reverse": False,
                  "scale": "exponential", "steps": 64},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
    }
    return panel("heatmap", title, description, [query(expr, "{{le}}", format="heatmap")], "reqps", options, width,
                 height, custom={"scaleDistribution": {"type": "linear"}}, repeat=repeat)


def stat(title, description, expr, unit="short", limit=None, low=False, width=4, height=4, decimals=None):
    """The latest value; red from `limit` on, or below it when low."""
    options = {
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    }
    more = {} if decimals is None else {"decimals": decimals}
    return panel("stat", title, description, [query(expr)], unit, options, width, height,
                 color={"mode": "thresholds"}, thresholds=thresholds(limit, low), **more)


def thresholds(limit, low=False):
    steps = [{"color": "red" if low else "green", "value": None}]
    if limit is not None:
        steps.append({"color": "green" if low else "red", "value": limit})
    return {"mode": "absolute", "steps": steps}


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"w": WIDTH, "h": 1, "x": 0, "y": 0}}


# ---- variables

def datasource_variable():
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1,
            "includeAll": False, "multi": False, "regex": "", "options": []}


def label_variable(name, label, series):
    """The values that a label has in some series; all of them at first."""
    values = f"label_values({series}, {name})"
    return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE,
            "query": {"query": values, "refId": name}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
            "current": {"text": ["All"], "value": ["$__all"]}, "regex": "", "options": []}


# ---- the whole

def dashboard(uid, title, description, variables, panels):
    place(panels)
    for number, each in enumerate(panels, start=1):
        each["id"] = number
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["filemint"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [{"title": "filemint", "type": "dashboards", "tags": ["filemint"], "asDropdown": False, "icon": "",
                   "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": ""}],
        "templating": {"list": variables},
        "panels": panels,
    }


def place(panels):
    """From left to right, a new line where the next one doesn't fit; a repeated panel has a line of its own."""
    x = y = line = 0
    for each in panels:
        spot = each["gridPos"]
        alone = each["type"] == "row" or "repeat" in each
        if x and (alone or x + spot["w"] > WIDTH):
            x, y, line = 0, y + line, 0
        spot |= {"x": x, "y": y}
        x, line = x + spot["w"], max(line, spot["h"])
        if alone:
            x, y, line = 0, y + line, 0
