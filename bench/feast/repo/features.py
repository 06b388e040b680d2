"""The views of the bench, as bench/feast/worlds.ts has them for Plumb."""
import os

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, Int64, String

user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
MIX = [Float64, Int64, Float64, Int64, String]


def view(name, schema):
    source = FileSource(name=f"{name}_rows", path=os.environ[f"BENCH_{name.upper()}"], timestamp_field="ts")
    return FeatureView(name=name, entities=[user], source=source, schema=schema, online=True)


doubles = [Field(name=f"v{i}", dtype=Float64) for i in range(20)]
fifty = view("fifty", [Field(name=f"f{i}", dtype=MIX[i % 5]) for i in range(50)])
wide = view("wide", doubles)
history = view("history", doubles)
