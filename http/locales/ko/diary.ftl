## When films were seen

diary-title = 다이어리
diary-empty = 아직 다이어리가 비어 있어요.
diary-own-empty = 아직 다이어리가 비어 있어요. 리뷰에 영화를 본 날을 적으면 달별로 여기에 모여요.
