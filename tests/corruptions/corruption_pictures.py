"""Made-up pictures: the inputs of the golden values and of the other tests."""

import numpy as np


def synthetic_picture(height: int = 224, width: int = 224) -> np.ndarray:
    """Waves, a grey ramp, saturated and flat patches, hard edges and fine grain; uint8 RGB."""
    y, x = np.mgrid[:height, :width]
    waves = [127 + 90 * np.sin(x / (7 + 6 * k)) * np.cos(y / (17 - 4 * k)) for k in range(3)]
    picture = np.stack(waves, axis=2)
    picture += ((x * 37 + y * 101 + x * y * 7) % 31 - 15)[..., None]
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    h, w = height // 8, width // 8
    picture[h : 2 * h, w : 3 * w] = (255, 255, 255)
    picture[h : 2 * h, 4 * w : 6 * w] = (0, 0, 0)
    picture[3 * h : 4 * h, w : 3 * w] = (250, 20, 20)
    picture[3 * h : 4 * h, 4 * w : 6 * w] = (10, 30, 220)
    picture[5 * h : 6 * h, w : 3 * w] = (130, 130, 130)
    picture[6 * h : 7 * h] = (x[0] * 255 // (width - 1))[:, None]
    return picture


def made_up_frost() -> tuple[np.ndarray, ...]:
    """Five uint8 RGB pictures of different sizes, all larger than 224 x 224."""
    sizes = [(300, 400), (231, 320), (250, 226), (225, 225), (260, 500)]
    pictures = []
    for k, (height, width) in enumerate(sizes):
        y, x = np.mgrid[:height, :width]
        layers = [(x * (3 + k) + y * (5 + c) + x * y // 9) % (200 + 13 * c) for c in range(3)]
        pictures.append(np.stack(layers, axis=2).astype(np.uint8))
    return tuple(pictures)
