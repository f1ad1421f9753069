"""RFC 9335, Appendix A: the packet in the clear and protected, by name of the section."""

from webrtc.srtp import Keys, ProtectionProfile

CM_KEYS = Keys(
    bytes.fromhex("e1f97a0d3e018be0d64fa32c06de4139"), bytes.fromhex("0ec675ad498afeebb6960b3aabe6")
)
GCM_KEYS = Keys(bytes(range(16)), bytes(range(0xA0, 0xAC)))

_PAYLOAD = "ab" * 16
_CSRCS = "0001e2400000b26e"
CLEAR = {
    "1": "900f1235decafbadcafebabebede000151000200" + _PAYLOAD,
    "2": "900f1236decafbadcafebabe1000000105020002" + _PAYLOAD,
    "3": f"920f1238decafbadcafebabe{_CSRCS}bede000151000200{_PAYLOAD}",
    "4": f"920f1239decafbadcafebabe{_CSRCS}1000000105020002{_PAYLOAD}",
    "5": f"920f123adecafbadcafebabe{_CSRCS}bede0000{_PAYLOAD}",
    "6": f"920f123bdecafbadcafebabe{_CSRCS}10000000{_PAYLOAD}",
}
_CM = {
    "1": "900f1235decafbadcafebabec0de0001eb92365251c3e036f8de27e9c27ee3e0b4651d9fbc4218a70244522f"
    "34a5",
    "2": "900f1236decafbadcafebabec2de00014ed9cc4e6a712b3096c5ca77339d4204ce0d77396cab69585fbce381"
    "94a5",
    "3": "920f1238decafbadcafebabe8bb6e12b5cff16ddc0de000192838c8c09e58393e1de3a9a74734d6745671338"
    "c3acf11da2df8423bee0",
    "4": "920f1239decafbadcafebabef70e513eb90b9b25c2de0001bbed4848faa644665f3d7f34125914e9f4d0ae92"
    "3c6f479b95a0f7b53133",
    "5": "920f123adecafbadcafebabe7130b6abfe2ab0e3c0de0000e3d9f64b25c9e74cb4cf8e43fb92e3781c2c0cea"
    "b6b3a499a14c",
    "6": "920f123bdecafbadcafebabecbf24c124330e1c8c2de0000599dd45bc9d687b603e8b59d771fd38e88b170e0"
    "cd31e125eabe",
}
_GCM = {
    "1": "900f1235decafbadcafebabec0de000139972dc9572c4d99e8fc355de743fb2e94f9d8ff54e72f4193bbc5c7"
    "4ffab0fa9fa0fbeb",
    "2": "900f1236decafbadcafebabec2de0001bb75a4c545cd1f413bdb7daa2b1e3263de313667c963249081b35a65"
    "f5cb6c88b394235f",
    "3": "920f1238decafbadcafebabe63bbccc4a7f695c4c0de00018ad7c71fac70a80c92866b4c6ba98546ef913586"
    "e95ffaaffe956885bb0647a8bc094ac8",
    "4": "920f1239decafbadcafebabe3680524f8d312b00c2de0001c78d120038422bc111a7187a18246f980c059cc6"
    "bc9df8b626394eca344e4b05d80fea83",
    "5": "920f123adecafbadcafebabe15b6bb4337906fffc0de0000b7b964537a2b03ab7ba5389ce93317126b5d974d"
    "f30c6884dcb651c5e120c1da",
    "6": "920f123bdecafbadcafebabedcb38c9e48bf95f4c2de000061ee432cf920317076613258d3ce4236c06ac429"
    "681ad08413512dc98b5207d8",
}

VECTORS = {
    f"A.{part}.{number}": (profile, keys, bytes.fromhex(CLEAR[number]), bytes.fromhex(sealed))
    for part, profile, keys, table in (
        (1, ProtectionProfile.AES128_CM_SHA1_80, CM_KEYS, _CM),
        (2, ProtectionProfile.AEAD_AES_128_GCM, GCM_KEYS, _GCM),
    )
    for number, sealed in table.items()
}
