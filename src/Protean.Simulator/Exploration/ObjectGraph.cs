using System.Collections.Immutable;
using System.Reflection;
using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;

namespace Protean.Simulator.Exploration;

/// <summary>Copies a running state machine with all that it holds, so that a search can go on from one moment in several ways.</summary>
/// <remarks>Works on any object: fields are copied one by one, and what is immutable is shared. So product code needs no seam for it.</remarks>
internal static class ObjectGraph
{
    private const BindingFlags OwnFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Func<object, object> ShallowCopy =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();
    private static readonly Dictionary<Type, bool> Shared = new()
    {
        [typeof(string)] = true,
        [typeof(Bytes)] = true,
        [typeof(SigningKey)] = true,
        [typeof(LeaderSchedule)] = true,
        [typeof(ProposalRule)] = true,
        [typeof(World)] = true,
    };
    private static readonly Dictionary<Type, FieldInfo[]> Deep = [];

    public static T Copy<T>(T root) where T : class => (T)Copy(root, new Dictionary<object, object>(ReferenceEqualityComparer.Instance))!;

    /// <summary>Every instance field of a type, those of its bases too.</summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
            foreach (var field in at.GetFields(OwnFields)) yield return field;
    }

    private static object? Copy(object? original, Dictionary<object, object> copies)
    {
        if (original is null || IsShared(original.GetType())) return original;
        if (copies.TryGetValue(original, out var known)) return known;
        if (original is Delegate call) return Rebind(call, copies);
        var copy = ShallowCopy(original);
        copies[original] = copy;
        if (copy is Array array) CopyElements(array, copies);
        else
            foreach (var field in DeepFields(copy.GetType())) field.SetValue(copy, Copy(field.GetValue(copy), copies));
        return copy;
    }

    // A delegate acts on the copy of what the original acts on.
    private static object Rebind(Delegate call, Dictionary<object, object> copies) => call.Target is null
        ? call
        : Delegate.CreateDelegate(call.GetType(), Copy(call.Target, copies), call.Method);

    private static void CopyElements(Array array, Dictionary<object, object> copies)
    {
        if (IsShared(array.GetType().GetElementType()!)) return;
        for (var i = 0; i < array.Length; i++)
            if (array.GetValue(i) is { } element) array.SetValue(Copy(element, copies), i);
    }

    private static FieldInfo[] DeepFields(Type type)
    {
        if (Deep.TryGetValue(type, out var fields)) return fields;
        return Deep[type] = [.. FieldsOf(type).Where(field => !IsShared(field.FieldType))];
    }

    private static bool IsShared(Type type)
    {
        if (Shared.TryGetValue(type, out var known)) return known;
        Shared[type] = false; // for a type that holds itself
        return Shared[type] = IsImmutable(type);
    }

    // Canonical forms are immutable by the house's convention; so is what has only read-only fields of immutable types.
    private static bool IsImmutable(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer) return true;
        if (type.IsArray || type.IsInterface || type == typeof(object) || typeof(Delegate).IsAssignableFrom(type)) return false;
        if (type.Namespace == typeof(ImmutableArray).Namespace) return true;
        var interfaces = type.GetInterfaces().Where(i => i.IsGenericType).Select(i => i.GetGenericTypeDefinition()).ToArray();
        if (interfaces.Contains(typeof(ICanonical<>)) || interfaces.Contains(typeof(IComparer<>)) || interfaces.Contains(typeof(IEqualityComparer<>)))
            return true;
        if (typeof(ISignatureScheme).IsAssignableFrom(type)) return true;
        if (type.IsValueType) return FieldsOf(type).All(field => IsShared(field.FieldType));
        return type.IsSealed && FieldsOf(type).All(field => field.IsInitOnly && IsShared(field.FieldType));
    }
}
