using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Tests.Client;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Membership;

/// <summary>The chain of epoch records: what follows, and what does not.</summary>
public sealed class EpochLinkTests
{
    private static readonly GenesisFixture Fixture = new(["directory", "state"]);

    private readonly LinkedDirectory _directory = new(Fixture.Genesis);

    [Fact]
    public void A_link_that_the_directory_sealed_begins_the_next_epoch()
    {
        var next = _directory.With(Link(Next), Ed25519Scheme.Instance);
        Assert.Equal((1ul, Next), (next.CurrentEpoch, next.Current));
        Assert.Single(next.Links);
        var unit = next.Find("state")!.UnitId;
        Assert.Equal(_directory.CommitteeOf(unit, 0), next.CommitteeOf(unit, 0));
        Assert.NotNull(next.CommitteeOf(unit, 1));
        Assert.Null(next.CommitteeOf(unit, 2));
        Assert.Null(next.CommitteeOf(unit, ulong.MaxValue));
    }

    public static TheoryData<string> Codes => [.. LinkedDirectory.Checks.Select(static check => check.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    [LeavesOut(typeof(LinkedDirectory), nameof(LinkedDirectory.Checks))]
    public void Each_check_of_a_link_is_needed(string code)
    {
        var link = code switch
        {
            "PRT-EPO-0001" => Link(Next with { Epoch = 2 }),
            "PRT-EPO-0002" => Link(Next with { PreviousHash = Digest.Zero }),
            "PRT-EPO-0003" => Link(Next with { LibraryVersion = "protean/0" }),
            "PRT-EPO-0004" => Unsealed(Link(Next)),
            "PRT-EPO-0005" => Link(Next) with { Record = Next with { Units = [.. Next.Units.Take(1)] } },
            _ => throw new InvalidOperationException($"no case for {code}"),
        };
        // The receipt's own verifier names what is wrong with it.
        Assert.Equal(code == "PRT-EPO-0004" ? "PRT-RCT-0005" : code, _directory.Refusal(link, Ed25519Scheme.Instance)?.Code);
        Assert.Null(_directory.Refusal(link, Ed25519Scheme.Instance, without: code));
        Assert.Throws<RefusedLinkException>(() => _directory.With(link, Ed25519Scheme.Instance));
    }

    [Fact]
    public void Only_the_directorys_receipt_of_this_epochs_duty_links()
    {
        Assert.Equal("PRT-RCT-0007", CodeOf(Link(Next, unitClass: "state")));
        Assert.Equal("PRT-RCT-0009", CodeOf(Link(Next, static leaf => leaf with { Function = "key" })));
        Assert.Equal("PRT-RCT-0010", CodeOf(Link(Next, static leaf => leaf with { Status = ResultStatus.Failed })));
        Assert.Equal("PRT-RCT-0011", CodeOf(Link(Next, static leaf => leaf with { PlanDigest = Hash.H("test/plan", []) })));
        Assert.Equal("PRT-RCT-0013", CodeOf(Link(Next, static leaf =>
            leaf with { ReplayKey = RequestDigests.Duty(EpochLink.Function, EpochLink.SubjectOf(2)) })));
    }

    [Fact]
    public void Nothing_follows_a_record_without_a_directory()
    {
        var next = _directory.With(Link(Next with { Units = [.. Next.Units.Skip(1)] }), Ed25519Scheme.Instance);
        Assert.NotNull(next.Refusal(Link(Next with { Epoch = 2, PreviousHash = next.Current.Hash }), Ed25519Scheme.Instance));
    }

    [Fact]
    public void A_member_finds_its_epochs_again_in_its_store()
    {
        var store = new InMemoryStore();
        var last = new ExecutedBlock(7, Hash.H("test/block", []), GenesisFixture.StartMs + 9);
        Assert.Equal(0ul, UnitEpochs.Open(store, Fixture.Genesis, Ed25519Scheme.Instance).CurrentEpoch);
        Assert.Null(UnitEpochs.StartOf(store, 1));
        UnitEpochs.Begin(store, Link(Next), last, Hash.H("test/seal", []));
        Assert.Equal(Next, UnitEpochs.Open(store, Fixture.Genesis, Ed25519Scheme.Instance).Current);
        Assert.Equal(new ChainStart(7, last.BlockId, last.TimeMs, Hash.H("test/seal", [])), UnitEpochs.StartOf(store, 1));
    }

    [Fact]
    public void A_boundary_that_was_executed_and_not_sealed_is_found_again()
    {
        var (store, batch) = (new InMemoryStore(), new StoreBatch());
        Assert.Null(UnitEpochs.BoundaryInto(store, 1));
        UnitEpochs.MarkBoundary(Link(Next), 7, batch);
        store.Write(batch);
        Assert.Equal((7ul, Link(Next)), UnitEpochs.BoundaryInto(store, 1));
        Assert.Equal(0ul, UnitEpochs.Open(store, Fixture.Genesis, Ed25519Scheme.Instance).CurrentEpoch);
    }

    [Fact]
    public void A_store_whose_links_do_not_follow_is_refused()
    {
        var store = new InMemoryStore();
        UnitEpochs.Begin(store, Unsealed(Link(Next)), new ExecutedBlock(7, Digest.Zero, 1), Digest.Zero);
        var refused = Assert.Throws<RefusedLinkException>(() => UnitEpochs.Open(store, Fixture.Genesis, Ed25519Scheme.Instance));
        Assert.Equal("PRT-RCT-0005", refused.Refusal.Code);
    }

    private EpochRecord Next => _directory.Current with { Epoch = 1, PreviousHash = _directory.Current.Hash };

    private string? CodeOf(EpochLink link) => _directory.Refusal(link, Ed25519Scheme.Instance)?.Code;

    private static EpochLink Unsealed(EpochLink link)
    {
        var certificate = link.Receipt.Seal.Certificate with { Signatures = [default, default, default] };
        return link with { Receipt = link.Receipt with { Seal = link.Receipt.Seal with { Certificate = certificate } } };
    }

    private EpochLink Link(EpochRecord record, Func<ResultLeaf, ResultLeaf>? change = null, string unitClass = "directory")
    {
        var subject = EpochLink.SubjectOf(1);
        var leaf = new ResultLeaf(
            Digest.Zero, 0, RequestDigests.Duty(EpochLink.Function, subject), Digest.Zero, Digest.Zero, EpochLink.Function,
            ResultStatus.Ok, EpochLink.OutputsOf(record).Digest);
        leaf = change?.Invoke(leaf) ?? leaf;
        var unit = _directory.Find(unitClass)!.UnitId;
        var context = new UnitContext(_directory.ChainId, unit, 0, _directory.CommitteeOf(unit, 0)!.Hash);
        var header = new SealHeader(
            context, 1, Digest.Zero, GenesisFixture.StartMs, Digest.Zero, Digest.Zero, MerkleTree.Root([Canonical.Encode(leaf)]), 1);
        var signatures = Enumerable.Range(1, 3).Select(i =>
            KeyValuePair.Create(new MemberId((ushort)i), Fixture.ConsensusKeys[i - 1].Sign(header.SignedPayload())));
        return new EpochLink(record, new Receipt(leaf, 0, [], new SealedHeader(header, QuorumSignature.Of(GenesisFixture.Size, signatures))));
    }
}
