"""A training set by Feast: python training_set.py REPO LABELS OUT"""
import sys

import pandas as pd
import pyarrow.parquet as pq
from feast import FeatureStore

repo, labels, out = sys.argv[1:]
store = FeatureStore(repo_path=repo)
features = [f"history:v{i}" for i in range(20)]
job = store.get_historical_features(entity_df=pd.read_parquet(labels), features=features)
pq.write_table(job.to_arrow(), out)
