// Written by scripts/generate-destinations from phonenumbers 9.0.43. Do not edit.

extension NumberingPlanTable {
    /// Calling codes that begin with 9.
    static let zone9 = """
        90 TR ordinary 10 51[06] 59[46] 5[02-8] 8[15] [23]
        90 TR ordinary 10,12,13 80
        90 TR ordinary 7,10 4
        90 TR pager 10 512
        90 TR personal 10 592
        90 TR premium 10 8[89] 9
        91 IN ordinary 10 186 18[1-57-9] 1[1-79] [2-9]
        91 IN ordinary 13 0
        91 IN ordinary 8-13 180
        91 IN premium 13 186
        91 IN shared 11 186
        92 PK ordinary 10 3
        92 PK ordinary 8-12 8
        92 PK ordinary 9-12 9 [24-7]
        92 PK personal 9 1
        92 PK premium 8 9
        93 AF ordinary 9 *
        94 LK ordinary 9 *
        95 MM ordinary 6-10 *
        98 IR ordinary 4-7,10 *
        960 MV ordinary 10 8
        960 MV ordinary 7 9 [3467]
        960 MV premium 10 9
        961 LB ordinary 7 80 8[2-9] 9 [13-6]
        961 LB ordinary 7,8 7
        961 LB ordinary 8 2 81
        961 LB premium 8 9
        961 LB shared 8 80
        962 JO ordinary 8 8[0178] [2356]
        962 JO ordinary 9 4 7[127-9]
        962 JO pager 9 74
        962 JO personal 9 70
        962 JO premium 8 9
        962 JO shared 8 85
        963 SY ordinary 8,9 *
        964 IQ ordinary 8-10 *
        965 KW ordinary 7,8 *
        966 SA ordinary 10 8
        966 SA ordinary 9 [15]
        966 SA premium 9 925
        966 SA shared 9 920
        967 YE ordinary 7-9 *
        968 OM ordinary 7 5
        968 OM ordinary 8 90[1-9] 9[1-9] [127]
        968 OM ordinary 8,9 8
        968 OM premium 8 900
        970 PS ordinary 10 18
        970 PS ordinary 8 [2489]
        970 PS ordinary 9 5
        970 PS shared 10 17
        971 AE ordinary 5-12 8
        971 AE ordinary 8 7 9 [23]
        971 AE ordinary 8,9 [46]
        971 AE ordinary 9 5
        971 AE premium 9 9
        971 AE shared 9 7
        972 IL ordinary 10 159 18
        972 IL ordinary 11,12 153
        972 IL ordinary 7 12
        972 IL ordinary 8 [2-489]
        972 IL ordinary 9 [57]
        972 IL premium 10 19
        972 IL premium 8,10 12
        972 IL shared 10 17
        972 IL voicemail 11,12 151
        973 BH ordinary 8 8[02369] [1367]
        973 BH premium 8 87 9
        973 BH shared 8 84
        974 QA ordinary 11 0
        974 QA ordinary 7,9 8
        974 QA ordinary 8 [3-7]
        974 QA pager 7 2
        975 BT ordinary 7,8 *
        976 MN ordinary 8-10 *
        977 NP ordinary 8,10,11 *
        979 001 premium 1-15 *
        992 TJ ordinary 9 *
        993 TM ordinary 8 *
        994 AZ ordinary 9 99 [1-8]
        994 AZ premium 9 90
        995 GE ordinary 9 *
        996 KG ordinary 9,10 *
        998 UZ ordinary 9 *
        """
}
