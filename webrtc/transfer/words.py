"""The words of code phrases: 8 bits each, no two alike in their first four letters."""

_TEXT = """
acorn album alpine amber anchor angle apple april arch arrow atlas attic autumn axle bacon badge
bagel bamboo banjo barley basil basket beaver bell bicycle birch biscuit bison blanket blossom
bonfire bottle boulder branch brass bread breeze brick bridge broom bubble bucket buffalo bugle
butter cabin cactus camel candle canoe canyon captain carbon carpet carrot castle cedar cello
chalk cherry chess chimney cinema circle citrus clay cliff clover cobalt coconut coffee comet
compass copper coral corner cotton cousin crater crayon cricket crystal curtain cycle daisy
dancer desert diamond diesel dolphin donkey dragon drum eagle easel echo elbow elephant engine
falcon fiddle finger flute forest fossil fountain galaxy garden garlic geyser giraffe glacier
goblin granite gravel guitar hammer harbor hazel helmet hermit hockey honey hotel iceberg igloo
indigo island ivory jacket jaguar jasmine jelly jigsaw jungle kernel kettle kitchen kiwi ladder
lagoon lamp lantern lemon library lizard lobster lotus magnet mango maple marble meadow melon
mercury meteor mirror mosaic museum mustard napkin nectar needle nickel noodle nutmeg oasis
ocean olive onion opera orbit orchid otter oxygen oyster paddle palace panda paper pebble
pelican pencil pepper piano pigeon pillow pirate planet plum pocket pony potato prairie prism
pumpkin puzzle python quartz quiver rabbit radar radish raven ribbon river robin saffron salmon
sandal satin scooter shadow sheriff shovel silver sketch snow sparrow spider spiral squid
stadium sugar sunset teapot temple thunder ticket tiger timber tomato tornado trumpet tulip
tunnel turtle umbrella unicorn valley vanilla velvet vessel village violin volcano waffle walnut
walrus whisper window winter yogurt zebra zenith zipper
"""
WORDS = tuple(_TEXT.split())
