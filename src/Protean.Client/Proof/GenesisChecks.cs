using Protean.Membership;
using Protean.Runtime;

namespace Protean.Client.Proof;

/// <summary>Who the network is.</summary>
internal static class GenesisChecks
{
    public static IReadOnlyList<ProofCheck> All { get; } =
    [
        new("PRT-PRF-0002", "the genesis must be the expected network's", static proof =>
            [proof.Genesis.ChainId == proof.Network ? null : new Finding(proof.Genesis.ChainId.ToString(), proof.Network.ToString())]),
        new("PRT-PRF-0003", "every node's record must be signed, and every key's possession proven", static proof =>
            proof.Genesis.Nodes.Select(node => Finding.Of(GenesisRules.RecordRefusal(proof.Genesis, node)))),
        new("PRT-PRF-0004", "units must consist of the genesis' nodes, with safe quorums", static proof =>
            [Finding.Of(GenesisRules.Checks.FirstRefusal(proof.Genesis))]),
        new("PRT-PRF-0005", "every epoch must follow from the one before, by the word of the directory's committee", static proof =>
            proof.File.Epochs.Select(link => Finding.Of(proof.Follow(link)))),
    ];
}
