"""Data like the California housing data: made here, since the real ones would be a download. The same seed makes the same houses.

Eight features with the names, ranges and kinds of scikit-learn's `fetch_california_housing`, and a value in 100,000 dollars that depends on
income, rooms, age and the distance to two cities, with noise.
"""

import numpy as np
import pandas as pd

LABEL = "MedHouseVal"


def make_houses(count: int, seed: int) -> pd.DataFrame:
    """Rows of features, the label last."""
    random = np.random.default_rng(seed)
    latitude = random.uniform(32.5, 42.0, count)
    longitude = random.uniform(-124.3, -114.3, count)
    income = random.gamma(4.0, 1.0, count).clip(0.5, 15)
    age = random.integers(1, 53, count).astype(float)
    rooms = random.normal(5.4, 1.2, count).clip(1, 12)
    features = pd.DataFrame({
        "MedInc": income, "HouseAge": age, "AveRooms": rooms, "AveBedrms": rooms / 5, "Population": random.gamma(2.0, 700.0, count),
        "AveOccup": random.normal(3, 0.6, count).clip(1, 8), "Latitude": latitude, "Longitude": longitude,
    })
    city = np.minimum(np.hypot(latitude - 34.05, longitude + 118.24), np.hypot(latitude - 37.77, longitude + 122.42))
    value = 0.4 * income + 0.15 * rooms + 0.005 * age + 1.5 * np.exp(-city) + random.normal(0, 0.2, count)
    return features.assign(**{LABEL: value.clip(0.15, 5.0)})
